// A map from a template to an image that is still to be proved, and the ways to come to one. Pure.
#pragma once

#include <array>
#include <string>
#include <vector>

#include <sheafline/sheets/geometry.h>
#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/template.h>

#include "align/ring_probe.h"

namespace sheafline::sheets {

struct PageCandidate {
    Homography map{};
    Homography rough{};              // before it was moved to the bubbles
    std::vector<PointPair> pairs{};  // marks of the template, and where they are on the image
    bool orientation_seen = false;
    double orientation_residual = 0;  // in the template's lengths
    double contrast = 0;              // of the bubbles' outlines
    RingStyle style{};                // how they are printed
    bool anchored = true;             // false: the centers of the marks are known roughly
    bool outlines_found = true;       // false where no outlines seem to be printed
};

// All throw UnreadableSheet where they find nothing.
PageCandidate alignByFiducials(const GreyImage& image, const Template& sheet);
PageCandidate alignByPictures(const GreyImage& image, const Template& sheet);
PageCandidate alignByPage(const GreyImage& image, const Template& sheet);   // its outline
PageCandidate alignByImage(const GreyImage& image, const Template& sheet);  // all of it

// Looks for the orientation mark and the outlines of bubbles.
void examine(const GreyImage& image, const Template& sheet, PageCandidate& candidate);

// Whether a map that the print does not prove may still be right: it fills a large part of the
// image. Filled bubbles that were taken for corner marks span a small one.
bool isPlausible(const Homography& map, const GreyImage& image, const Template& sheet);

[[noreturn]] void reject(const std::string& why);

}  // namespace sheafline::sheets
