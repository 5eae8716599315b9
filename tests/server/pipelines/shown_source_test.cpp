// The text of a pipeline file without secrets.
#include "pipelines/shown_source.h"

#include <string>

#include <catch2/catch.hpp>

using sheafline::shownSource;

TEST_CASE("the shown source of a pipeline hides the secrets in it and nothing else") {
    const auto [text, shown] = GENERATE(table<std::string, std::string>({
        {"name: p\n# a comment\nwith: {file: a.csv}\n",
         "name: p\n# a comment\nwith: {file: a.csv}\n"},
        {"with: {secret: abc, url: \"https://x\"}\n", "with: {secret: ***, url: \"https://x\"}\n"},
        {"with:\n  secret: 'it''s mine'  # note\n  id: 1\n",
         "with:\n  secret: ***  # note\n  id: 1\n"},
        {"secret: \"a\\\"b\"\nid: 1\n", "secret: ***\nid: 1\n"},
        {"api-key: abc\napiKey: def\n", "api-key: ***\napiKey: ***\n"},
        {"secret: |\n  line one\n  line two\nid: 1\n", "secret: ***\nid: 1\n"},
        {"with:\n  token: plain\n    text\n  id: 1\n", "with:\n  token: ***\n  id: 1\n"},
        {"secret: ${{ secrets.WEBHOOK }}\n", "secret: ${{ secrets.WEBHOOK }}\n"},
        {"secret: \"${{ secrets.WEBHOOK || 'abc' }}\"\n", "secret: ***\n"},
        {"url: postgresql://u:pw@host/db\n", "url: postgresql://u:***@host/db\n"},
        {"url: host=h password=pw user=u\n", "url: host=h password=*** user=u\n"},
        {"command: [run, --password, abc, --id, 7]\n",
         "command: [run, --password, ***, --id, 7]\n"},
        {"command: [run, --api-key=abc, x]\n", "command: [run, ***, x]\n"},
        {"headers: [\"Authorization: Bearer abc\", \"Accept: text\"]\n",
         "headers: [***, \"Accept: text\"]\n"},
        {"params:\n  password: {type: string, default: abc, help: of the door}\n",
         "params:\n  password: {type: string, default: ***, help: of the door}\n"},
        {"a: &s hunter2hunter2\nsecret: *s\n# hunter2hunter2\n", "a: &s ***\nsecret: *s\n# ***\n"},
        {"tokens:\n  - abc\n  - {x: def}\n", "tokens:\n  - ***\n  - {x: ***}\n"},
        {R"({"name": "p", "secret": "abc", "id": 1})", R"({"name": "p", "secret": ***, "id": 1})"},
        {"secret:\n", "secret:\n"},
        {"secret: abc", "secret: ***"},
        {"", ""},
    }));
    INFO(text);
    CHECK(shownSource(text) == shown);
}
