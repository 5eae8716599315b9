// The identity in a sheet's evidence, its first key: `"identity":"2400123",`. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sheafline/sheets/read_sheet.h>

namespace sheafline::sheets {

void putQuoted(std::string& text, std::string_view value);  // as a JSON text

std::string identityPart(const std::vector<ColumnReading>& columns, const Template& sheet);
// Replaces the identity in evidence of a template that has one.
void replaceIdentity(std::string& evidence, const std::vector<ColumnReading>& columns,
                     const Template& sheet);

}  // namespace sheafline::sheets
