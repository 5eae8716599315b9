// The options of the stage `extract`.
#pragma once

#include <chrono>
#include <filesystem>

#include <sheafline/params.h>

#include "entry_extraction.h"
#include "zip/zip_directory.h"

namespace sheafline::extract {

struct Options {
    std::filesystem::path archive;
    ZipLimits limits;
    WantedImages wanted;
    std::chrono::milliseconds page_timeout;  // of a PDF

    explicit Options(Params& p);
};

}  // namespace sheafline::extract
