#include "sample/sample_layout.h"

namespace sheafline::sheets {

SampleLayout demoLayout(int page) {
    SampleLayout layout{.width = 210,
                        .height = 297,
                        .fiducials = {{12, 12}, {198, 12}, {198, 285}, {12, 285}},
                        .fiducial_side = 6,
                        .orientation_mark = {22, 12},
                        .orientation_side = 3,
                        .qr_corner = {166, 22},
                        .qr_side = 26};
    constexpr int kQuestions = 60;
    for (int i = 0; i < 7 && page == 1; ++i) {
        layout.student.push_back({.name = "student",
                                  .values = "0123456789",
                                  .first = {24 + i * 6.2, 34},
                                  .step = {0, 5.4},
                                  .radius = 2.0});
    }
    for (int i = 0; i < kQuestions; ++i) {
        const int column = i / 20;
        const int row = i % 20;
        layout.questions.push_back({.name = "q" + std::to_string((page - 1) * kQuestions + i + 1),
                                    .values = "ABCDE",
                                    .first = {26.0 + column * 58, 100.0 + row * 7},
                                    .step = {7, 0},
                                    .radius = 2.3});
    }
    return layout;
}

}  // namespace sheafline::sheets
