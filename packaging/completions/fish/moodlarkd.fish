complete -c moodlarkd -l config -d 'The configuration file [default: $XDG_CONFIG_HOME/moodlark/config.toml]' -r -F
complete -c moodlarkd -l state-dir -d 'The folder of the journal [default: $XDG_STATE_HOME/moodlark]' -r -F
complete -c moodlarkd -l sense -d 'The worker that looks [default: moodlark-sense beside this program]' -r -F
complete -c moodlarkd -l listen -d 'The worker that hears music [default: moodlark-listen beside this program]' -r -F
complete -c moodlarkd -l log -d 'What to log, for example `debug` or `info,moodlark_service::players=debug`' -r
complete -c moodlarkd -l within -d 'How long --once waits' -r
complete -c moodlarkd -l demo -d 'Show each step on standard output as it happens'
complete -c moodlarkd -l once -d 'End after the first verified switch, its JSON the last line; fail after --within'
complete -c moodlarkd -l doctor -d 'Check what the service needs, without one: print a JSON array of what was found, and end. `moodlark doctor` shows it for people, and asks a running service'
complete -c moodlarkd -s h -l help -d 'Print help'
complete -c moodlarkd -s V -l version -d 'Print version'
