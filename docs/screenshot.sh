#!/usr/bin/env bash
# Takes docs/report.png, the picture of the README: the report of the demo, as chromium shows it.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cargo run --release --quiet -- demo "$folder/demo" >/dev/null
chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --disable-lcd-text --force-prefers-reduced-motion \
  --blink-settings=preferredColorScheme=1 --window-size=1280,860 --user-data-dir="$folder/profile" \
  --screenshot="$folder/report.png" "file://$folder/demo/run/report.html" 2>/dev/null
size=$(stat -c %s "$folder/report.png")
if [ "$size" -gt 200000 ]; then
  echo "the picture has $size bytes: make the window smaller" >&2
  exit 1
fi
cp "$folder/report.png" docs/report.png
echo "docs/report.png, $size bytes"
