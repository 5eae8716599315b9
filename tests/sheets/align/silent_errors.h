// What a reader of the demo sheet says wrongly without a flag.
#pragma once

#include <string>

#include <sheafline/sheets/grey_image.h>

#include "sample_batch.h"

namespace sheafline::sheets {

// The answers without a flag that differ from the truth, or why the sheet was rejected.
std::string silentErrors(const GreyImage& page, const SampledSheet& sample);

}  // namespace sheafline::sheets
