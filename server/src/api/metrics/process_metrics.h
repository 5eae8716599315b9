// The metrics of the server's process and of its disk. Any thread.
#pragma once

#include "api/metrics/metric_text.h"
#include "base/data_folder.h"

namespace sheafline::api {

void addProcess(MetricText& metrics);
void addDisk(MetricText& metrics, const DataFolder& folder);

}  // namespace sheafline::api
