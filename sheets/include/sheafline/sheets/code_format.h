// The kinds of codes that a sheet may carry.
#pragma once

#include <optional>
#include <string_view>

#include <sheafline/export.h>

namespace sheafline::sheets {

enum class CodeFormat { qr, datamatrix, aztec, pdf417, code128, code39, ean };

// "qr", "datamatrix", …: as templates and options name them.
SHEAFLINE_API std::string_view toString(CodeFormat format);
SHEAFLINE_API std::optional<CodeFormat> codeFormatNamed(std::string_view name);

// A row of bars, which has little or no protection against errors.
SHEAFLINE_API bool isLinear(CodeFormat format);

}  // namespace sheafline::sheets
