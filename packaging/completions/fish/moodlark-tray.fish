complete -c moodlark-tray -l log -d 'What to log, for example `debug`' -r
complete -c moodlark-tray -l patience -d 'How long a desktop may take to show icons before it is said that it has no tray' -r
complete -c moodlark-tray -s h -l help -d 'Print help'
complete -c moodlark-tray -s V -l version -d 'Print version'
