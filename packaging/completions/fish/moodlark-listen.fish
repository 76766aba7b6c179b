complete -c moodlark-listen -l folder -d 'Answer requests, one JSON object a line of standard input, about what lies in FOLDER; several are possible' -r -F
complete -c moodlark-listen -l hear -d 'Hear files and print what was heard, for people' -r -F
complete -c moodlark-listen -l pcm -d 'Hear 16-bit samples at 16 kHz, one channel, from standard input; PATH is named in the answer' -r -F
complete -c moodlark-listen -l decode -d 'Become ffmpeg, closed in, and decode FILE to what --pcm reads' -r -F
complete -c moodlark-listen -l share -d 'Compute for at most this share of the time' -r
complete -c moodlark-listen -l deadline -d 'End a file that computes for longer, in seconds, or takes twenty times as long by the clock' -r
complete -c moodlark-listen -l self-test -d 'Try to break out of the sandbox, and say how that went'
complete -c moodlark-listen -l json -d 'Print the answers of --hear or the self-test as JSON'
complete -c moodlark-listen -l awaited -d 'Keep the usual priority, where somebody waits for the answers'
complete -c moodlark-listen -s h -l help -d 'Print help (see more with \'--help\')'
complete -c moodlark-listen -s V -l version -d 'Print version'
