#include "collect_options.h"

#include <utility>

#include <sheafline/sheets/load_template.h>
#include <sheafline/text_pattern.h>

namespace sheafline {

namespace {

// MATH-7B/2/2400123, as `template print` writes it.
constexpr const char* kPrintedCode =
    "(?<exam>[^/-]*)(-[^/]*)?/(?<page>[0-9]+)(/(?<student>[^/]+))?";

}  // namespace

CollectOptions::CollectOptions(Params& p)
    : by_student(
          p.choice("rows", {.help = "whether a row is a sheet, or a student with the answers of "
                                    "all of the student's sheets",
                            .default_value = "sheet",
                            .choices = {"sheet", "student"}}) == "student"),
      duplicates(p.choice("duplicates",
                          {.help = "which of several scans of a page counts: the first, the last, "
                                   "or all, each with the flag sheet:duplicate",
                           .default_value = "flag",
                           .choices = {"first", "last", "flag"}})),
      template_file(p.path("template", {.help = "for rows of students, the template of the "
                                                "sheets: its key scores the whole exam",
                                        .default_value = ""})),
      key(p.path("key", {.help = "key that replaces that of the template: CSV, YAML or JSON",
                         .default_value = ""})),
      roster(p) {
    if (by_student && roster.code.empty()) roster.code = kPrintedCode;
    if (!roster.code.empty()) TextPattern(roster.code);  // throws if it is wrong
}

std::optional<sheets::Template> CollectOptions::load() const {
    if (!by_student || template_file.empty()) return std::nullopt;
    return sheets::loadTemplate(template_file, key);
}

PluginFiles filesOfTemplate(Params& params) {
    PluginFiles files;
    if (auto form = CollectOptions(params).load()) {
        files.result = std::move(form->files);
        files.result.insert(files.result.end(), form->key_files.begin(), form->key_files.end());
    }
    return files;
}

}  // namespace sheafline
