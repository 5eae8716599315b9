// `sample`: makes a ZIP of filled-in demo sheets.
#include <iostream>

#include <sheafline/error.h>
#include <sheafline/sheets/write_samples.h>
#include <sheafline/shown_text.h>

#include "command_parts/exit_status.h"
#include "commands/commands.h"

namespace sheafline {

int sampleCommand(const SampleCommandOptions& options) {
    sheets::SampleOptions samples{.sheets = options.sheets,
                                  .pages = options.pages,
                                  .out = options.out,
                                  .truth = options.truth,
                                  .seed = options.seed,
                                  .profile = sheets::SampleProfile::typical,
                                  .dpi = options.dpi,
                                  .bad_cases = options.bad_cases};
    if (options.profile == "clean") samples.profile = sheets::SampleProfile::clean;
    if (options.profile == "hard") samples.profile = sheets::SampleProfile::hard;
    sheets::writeSamples(samples);
    std::cerr << "Wrote " << options.out << ": "
              << counted(static_cast<std::uint64_t>(options.sheets), "sheet")
              << (options.bad_cases ? " and the bad cases" : "") << '\n';
    return kDone;
}

}  // namespace sheafline
