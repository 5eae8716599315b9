#include "batches/results/places_json.h"

#include <cmath>
#include <string>

#include <Poco/JSON/Array.h>

namespace sheafline {

namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

Object::Ptr newObject() { return new Object(Poco::JSON_PRESERVE_KEY_ORDER); }

double tenths(double number) { return std::round(number * 10) / 10; }

Object::Ptr pointJson(sheets::Point point) {
    auto object = newObject();
    object->set("x", tenths(point.x));
    object->set("y", tenths(point.y));
    return object;
}

Object::Ptr bubbleJson(const sheets::BubblePlace& bubble) {
    auto object = pointJson(bubble.centre);
    object->set("half_width", tenths(bubble.half_width));
    object->set("half_height", tenths(bubble.half_height));
    object->set("turn_degrees", tenths(bubble.turn_degrees));
    object->set("marked", bubble.marked);
    return object;
}

template <typename Items, typename ToJson>
Array::Ptr listJson(const Items& items, ToJson to_json) {
    Array::Ptr list = new Array;
    for (const auto& item : items) list->add(to_json(item));
    return list;
}

Object::Ptr fieldJson(const sheets::FieldPlace& field) {
    auto object = newObject();
    object->set("name", field.name);
    object->set("value", field.value);
    object->set("flag", std::string(sheets::toString(field.flag)));
    object->set("bubbles", listJson(field.bubbles, bubbleJson));
    return object;
}

Object::Ptr imageJson(const sheets::ImagePlace& image) {
    auto object = newObject();
    object->set("name", image.name);
    object->set("corners", listJson(image.corners, pointJson));
    return object;
}

}  // namespace

Object::Ptr placesJson(const sheets::OverlayPlaces& places) {
    auto object = newObject();
    object->set("width", places.width);
    object->set("height", places.height);
    object->set("quarter_turns", places.quarter_turns);
    object->set("fields", listJson(places.fields, fieldJson));
    object->set("images", listJson(places.images, imageJson));
    object->set("marks", listJson(places.marks, pointJson));
    return object;
}

}  // namespace sheafline
