"""Runs the examples of the READMEs."""

import contextlib
import io
import pathlib
import re
import unittest

import service

ROOT = pathlib.Path(__file__).parents[3]


class ReadmeTest(unittest.TestCase):

    def printed_by(self, readme: str) -> tuple[str, str]:
        """Returns what the first Python example prints, and the block behind it."""
        blocks = re.findall(r"```(\w*)\n(.*?)```", (ROOT / readme).read_text(), re.DOTALL)
        first = next(i for i, (language, _) in enumerate(blocks) if language == "python")
        code = blocks[first][1].replace("http://127.0.0.1:8080", service.URL).replace('"demo"', f'"{service.name()}"')
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(compile(code, readme, "exec"), {})
        return output.getvalue(), blocks[first + 1][1]

    def test_the_first_example_prints_what_it_shows(self):
        printed, shown = self.printed_by("README.md")
        self.assertEqual(printed, shown)

    def test_the_example_of_the_client_runs(self):
        self.assertIn("[0.61393825 1.40328743]", self.printed_by("clients/python/README.md")[0])


if __name__ == "__main__":
    unittest.main()
