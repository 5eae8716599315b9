// The modules of a QR code, made by libqrencode. Immutable; any thread.
#pragma once

#include <string>
#include <vector>

namespace sheafline::sheets {

inline constexpr int kQuietZone = 4;  // modules of white around a code, ISO/IEC 18004

// Dark modules beside each other, drawn as one so that no pale seams stay between them.
struct CodeRun {
    int x = 0;
    int y = 0;
    int length = 0;
};

class CodeMatrix {
 public:
    // Throws std::runtime_error if the text does not fit into a code.
    explicit CodeMatrix(const std::string& text);

    int side() const { return side_; }  // modules, without the quiet zone
    const std::vector<CodeRun>& darkRuns() const { return runs_; }

 private:
    int side_ = 0;
    std::vector<CodeRun> runs_{};
};

}  // namespace sheafline::sheets
