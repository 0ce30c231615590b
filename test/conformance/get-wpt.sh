#!/bin/sh
# Gets Web Platform Tests: those that Node carries, out of Debian's source package of nodejs. Needs apt and dpkg-source.
#
#   sh test/conformance/get-wpt.sh [folder] [suite]
#
# apt gets a configuration of its own with one deb-src line, on the mirror that this machine's apt uses, so that nothing of the machine changes.
set -eu

folder=${1:-test/conformance/wpt}
suite=${2:-forky}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mirror=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' | sed -n 's/^Debian //p' | head -n 1)
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/source"
echo "deb-src [signed-by=$keyring] ${mirror:-http://deb.debian.org/debian/} $suite main" > "$work/sources.list"
cat > "$work/apt.conf" <<END
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$work/lists";
Dir::Cache "$work/cache";
APT::Sandbox::User "root";
APT::Update::Post-Invoke-Success "";
END
sed -i '/Post-Invoke/d' "$work/apt.conf"
export APT_CONFIG="$work/apt.conf"
apt-get -qq update
cd "$work/source"
apt-get -qq source --download-only --tar-only nodejs
archive=$(find . -name 'nodejs_*.orig.tar.*' ! -name '*.asc' | head -n 1)
cd - > /dev/null
mkdir -p "$folder"
tar -xf "$work/source/$archive" -C "$folder" --wildcards --strip-components=4 '*/test/fixtures/wpt/*'
echo "$(find "$folder" -name '*.any.js' | wc -l) files of tests in $folder, of $(basename "$archive")"
