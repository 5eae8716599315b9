#include "sample/sample_layout.h"

#include <catch2/catch.hpp>

#include <sheafline/sheets/load_template.h>

using namespace sheafline::sheets;

namespace {

void checkBubbles(const SampleField& drawn, const Field& read) {
    INFO(read.name);
    REQUIRE(read.bubbles.size() == drawn.values.size());
    CHECK(read.half_width == Approx(drawn.radius));
    for (std::size_t i = 0; i < read.bubbles.size(); ++i) {
        CHECK(read.bubbles[i].value == std::string(1, drawn.values[i]));
        const auto steps = static_cast<double>(i);
        CHECK(read.bubbles[i].centre.x == Approx(drawn.first.x + steps * drawn.step.x));
        CHECK(read.bubbles[i].centre.y == Approx(drawn.first.y + steps * drawn.step.y));
    }
}

}  // namespace

TEST_CASE("samples are drawn as the demo template describes them") {
    const Template sheet =
        loadTemplate(SHEAFLINE_SOURCE_DIR "/pipelines/templates/demo-sheet.yaml");
    const SampleLayout layout = demoLayout();
    CHECK(layout.width == sheet.width);
    CHECK(layout.height == sheet.height);
    CHECK(layout.fiducial_side == sheet.align.side);
    REQUIRE(layout.fiducials.size() == sheet.align.centres.size());
    for (std::size_t i = 0; i < layout.fiducials.size(); ++i) {
        CHECK(layout.fiducials[i].x == sheet.align.centres[i].x);
        CHECK(layout.fiducials[i].y == sheet.align.centres[i].y);
    }
    REQUIRE(sheet.align.orientation);
    CHECK(layout.orientation_mark.x == sheet.align.orientation->centre.x);
    CHECK(layout.orientation_side == sheet.align.orientation->side);
    REQUIRE(sheet.qr);
    CHECK(layout.qr_corner.x == sheet.qr->x);
    CHECK(layout.qr_corner.y == sheet.qr->y);
    CHECK(layout.qr_side == sheet.qr->side);
    REQUIRE(sheet.fields.size() == layout.student.size() + layout.questions.size());
    for (std::size_t i = 0; i < sheet.fields.size(); ++i) {
        const bool digit = i < layout.student.size();
        checkBubbles(digit ? layout.student[i] : layout.questions[i - layout.student.size()],
                     sheet.fields[i]);
    }
}
