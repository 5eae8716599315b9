// Where the bubbles of a sheet are, as the API answers it. Pure.
#pragma once

#include <Poco/JSON/Object.h>

#include <sheafline/sheets/overlay_places.h>

namespace sheafline {

// With a tenth of a pixel, which is all that a drawing shows.
Poco::JSON::Object::Ptr placesJson(const sheets::OverlayPlaces& places);

}  // namespace sheafline
