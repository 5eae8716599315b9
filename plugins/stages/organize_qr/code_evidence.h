// What the processor `qr` says about a sheet besides the text of its code. Any thread.
#pragma once

#include <string>
#include <vector>

#include <sheafline/sheets.h>
#include <sheafline/sheets/find_code.h>

namespace sheafline::organize_qr {

sheets::FoundCode foundCode(const Reading& reading);
// Other codes on the page.
std::vector<std::string> foreignCodes(const Reading& reading);
// The page is blank, as the back of a sheet is that was scanned on both sides.
bool isBlank(const Reading& reading);

}  // namespace sheafline::organize_qr
