complete -c moodlark-sense -l device -d 'The camera: `auto`, a path (also /dev/v4l/by-id/…), a USB `vid:pid`, or part of its name' -r
complete -c moodlark-sense -l pictures -d 'Look at a JPEG or PNG, or at one of a folder of them, instead of a camera' -r -F
complete -c moodlark-sense -l index -d 'Which picture of the folder, by name from 0, and round again' -r
complete -c moodlark-sense -l several-faces -d 'Which face counts when there are several' -r -f -a "largest\t'The largest one counts'
none\t'None counts: the reading is "nobody in the picture"'"
complete -c moodlark-sense -l deadline -d 'End a look that takes longer, in seconds' -r
complete -c moodlark-sense -l map -d 'With --explain: draw which parts of the face the likeliest expression hangs on, as a PNG file at PATH. Red: there the network saw it; blue: what is there speaks against it. `-`: the map goes to standard output, the account to standard error' -r -F
complete -c moodlark-sense -l once -d 'Take one look'
complete -c moodlark-sense -l self-test -d 'Try to break out of the sandbox, and say how that went'
complete -c moodlark-sense -l list-devices -d 'List the camera nodes'
complete -c moodlark-sense -l explain -d 'Print an account for people instead of JSON'
complete -c moodlark-sense -l json -d 'Print the list or the self-test as JSON'
complete -c moodlark-sense -s h -l help -d 'Print help (see more with \'--help\')'
complete -c moodlark-sense -s V -l version -d 'Print version'
