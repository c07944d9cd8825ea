# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# For scripts that fetch Debian's packages of another architecture.

# apt_for ARCH DIRECTORY: sets APT to options of apt-get(8) and apt-cache(8) for a machine of that
# architecture that has nothing installed, with the sources of this machine, and updates its lists,
# which are in DIRECTORY.
apt_for() {
	mkdir -p "$2/lists/partial" "$2/archives/partial"
	touch "$2/status"
	APT=(-qq -o "APT::Architecture=$1" -o "APT::Architectures=$1" -o APT::Sandbox::User=
		-o "Dir::State=$2" -o "Dir::State::status=$2/status" -o "Dir::Cache=$2" -o Acquire::Languages=none
		-o Acquire::Retries=3)
	apt-get "${APT[@]}" update >&2 || : # what could be fetched may be enough
}
