#include "codes/code_matrix.h"

#include <memory>
#include <qrencode.h>
#include <stdexcept>

namespace sheafline::sheets {

CodeMatrix::CodeMatrix(const std::string& text) {
    // Version 2 leaves room for longer names of exams; the encoder takes a larger one if it must.
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
        QRcode_encodeString(text.c_str(), 2, QR_ECLEVEL_M, QR_MODE_8, 1), QRcode_free);
    if (!code)
        throw std::runtime_error("a text of " + std::to_string(text.size()) +
                                 " bytes does not fit into a QR code: " + text.substr(0, 40));
    side_ = code->width;
    for (int y = 0; y < side_; ++y) {
        int start = 0;
        for (int x = 0; x <= side_; ++x) {
            const bool dark = x < side_ && (code->data[y * side_ + x] & 1U) != 0;
            if (dark) continue;
            if (x > start) runs_.push_back({.x = start, .y = y, .length = x - start});
            start = x + 1;
        }
    }
}

}  // namespace sheafline::sheets
