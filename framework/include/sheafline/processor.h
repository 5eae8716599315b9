// A processor does the work on one sheet: it reads marks, decodes a code, calls a program. It runs
// in a worker process, one sheet at a time on one thread. A sheet that cannot be read is a Reading
// with a reason; an exception costs one attempt of the sheet; a crash or a hang costs the worker
// process too.
#pragma once

#include <filesystem>
#include <optional>
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
    std::optional<Reading> before{};      // what was read, if the sheet need not be read again
    std::vector<DecidedField> decided{};  // what people decided; it counts more than `before`
};

class SHEAFLINE_API Processor {
 public:
    virtual ~Processor();

    virtual std::vector<std::string> columns() const = 0;  // the same for every sheet of a batch
    virtual Reading process(const SheetTask& task) = 0;

    // The same reading with its scores computed again, after a file of PluginFiles::scores changed;
    // nothing if the sheet has to be read again.
    virtual std::optional<Reading> rescored(const Reading& before);

    // The reading with the values that people decided. A processor with scores computes them from
    // these values. Default: withDecisions().
    virtual Reading decided(const Reading& before, const std::vector<DecidedField>& fields);

    // What counts for a sheet whose task has `before`: rescored(), or decided() if people decided.
    // Override it if scores depend on the sheet's code or group. Nothing: it is read again.
    virtual std::optional<Reading> settled(const SheetTask& task);
};

}  // namespace sheafline
