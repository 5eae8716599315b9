// The metrics of the server's process and of its disk. Any thread.
#pragma once

#include <filesystem>

#include "api/metrics/metric_text.h"

namespace sheafline::api {

void addProcess(MetricText& metrics);
void addDisk(MetricText& metrics, const std::filesystem::path& data_folder);

}  // namespace sheafline::api
