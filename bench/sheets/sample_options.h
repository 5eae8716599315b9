// The options that say which sample batch is measured.
#pragma once

#include <map>
#include <string>

#include <CLI/CLI.hpp>

#include <sheafline/sheets/write_samples.h>

namespace sheafline::bench {

inline void addSampleOptions(CLI::App& app, sheets::SampleOptions& options) {
    app.add_option("--sheets", options.sheets);
    app.add_option("--dpi", options.dpi);
    app.add_option("--seed", options.seed);
    app.add_option("--profile", options.profile)
        ->transform(CLI::CheckedTransformer(std::map<std::string, sheets::SampleProfile>{
            {"clean", sheets::SampleProfile::clean},
            {"typical", sheets::SampleProfile::typical},
            {"hard", sheets::SampleProfile::hard}}));
}

}  // namespace sheafline::bench
