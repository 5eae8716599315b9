// A processor does to one sheet what a batch is run for: it reads marks, decodes a code, calls a
// program. It lives in a worker process, one sheet at a time on one thread. A sheet that cannot be
// read is a Reading with a refusal; an exception costs one attempt of the sheet; a crash or a hang
// costs the worker process too.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sheafline/export.h>
#include <sheafline/sheets.h>

namespace sheafline {

struct SheetTask {
    int number = 0;
    int attempt = 1;
    std::filesystem::path path{};
    int page = 1;
    std::string qr{};
    std::string group{};
};

class SHEAFLINE_API Processor {
 public:
    virtual ~Processor();

    virtual std::vector<std::string> columns() const = 0;  // the same for every sheet of a batch
    virtual Reading process(const SheetTask& task) = 0;
};

}  // namespace sheafline
