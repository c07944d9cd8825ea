# SPDX-License-Identifier: GPL-3.0-or-later
#
# Completion for fish. fdtool itself lists the candidates, by `fdtool __complete`.

function __fdtool_candidates
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    set -l tool $words[1]
    set -e words[1]
    if string match -q 'fdtool-*' (path basename $tool)
        set -p words (string replace -r '.*fdtool-' '' $tool)
        set tool fdtool
    end

    # another command line may follow "--"
    if set -l at (contains -i -- -- $words)
        if test "$(command $tool __complete -- $words[1..$at] '' 2>/dev/null)" = @command
            set -l program (string escape -- $words[(math $at + 1)..-1])
            complete -C "$(string join ' ' -- $program $typed)"
            return
        end
    end

    set -l prefix ''
    if string match -qr '^--.*=' -- $typed # --mode=r is --mode r
        set prefix (string replace -r '=.*' '=' -- $typed)
        set -a words (string replace -r '=.*' '' -- $typed)
        set typed (string replace -r '^[^=]*=' '' -- $typed)
    end
    for line in (command $tool __complete -- $words $typed 2>/dev/null)
        switch $line
            case @file
                __fish_complete_path $typed
            case @command
                __fish_complete_command
            case @user
                __fish_complete_users
            case @group
                __fish_complete_groups
            case '*'
                echo $line
        end
    end | string replace -r '^' -- $prefix
end

for command in fdtool fdtool-{serve,grab,send,hold,drop,inspect,trace,lseek,epoll-watch,mypoll-tail,list,demo,help}
    complete -c $command -f -a '(__fdtool_candidates)'
end
