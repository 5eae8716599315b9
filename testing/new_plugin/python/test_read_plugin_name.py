"""Runs the processor as Sheafline does: as a program, for one sheet."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "read_plugin_name.py")


def run(content):
    with tempfile.NamedTemporaryFile(suffix=".jpg") as sheet:
        sheet.write(content)
        sheet.flush()
        return subprocess.run([sys.executable, PROGRAM, sheet.name], capture_output=True, text=True, check=False)


class PluginNameTest(unittest.TestCase):
    def test_a_jpeg_gives_its_kind_and_size(self):
        end = run(b"\xff\xd8\xff1234")
        self.assertEqual(end.returncode, 0, end.stderr)
        self.assertEqual(json.loads(end.stdout), {"kind": "jpeg", "bytes": 7, "confidence": 1})

    def test_another_file_is_refused_with_a_reason(self):
        end = run(b"text")
        self.assertEqual(end.returncode, 1)
        self.assertIn("not a JPEG", end.stderr.splitlines()[-1])


if __name__ == "__main__":
    unittest.main()
