// A Sheafline template, from its document to the resolved Template. Single use, one thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/sheets/template.h>

#include "templates/node_reader.h"
#include "templates/pages/page_reader.h"

namespace sheafline::sheets {

class TemplateReader {
 public:
    // `folder` is where the files are that the template names.
    TemplateReader(const YamlNode& root, std::filesystem::path folder, FindingList& findings)
        : root_(root), folder_(std::move(folder)), findings_(findings) {}

    Template read();

 private:
    void readPages(NodeReader& top);
    void readPageNumber(NodeReader& top);
    void checkPages(NodeReader& top);
    void readCodes(NodeReader& top);
    void readOutput(NodeReader& top);
    void readKey(NodeReader& top);
    void readIdentity(NodeReader& top);
    void checkQrPattern(NodeReader& top);
    std::size_t columnNamed(std::string_view name) const;  // all_columns_.size() if there is none

    const YamlNode& root_;
    const std::filesystem::path folder_;
    FindingList& findings_;
    Template template_{};
    std::vector<PageLayout> layouts_{};        // of a template with pages
    std::vector<OutputColumn> all_columns_{};  // in the order of the fields
};

}  // namespace sheafline::sheets
