// What a launch is asked with, and its checks.
#pragma once
#include "work.h"

namespace soft {

struct LaunchRequest {
    const void* function;
    Geometry geometry;
    void** parameters;
    void** extra;
};

// Fills in the launch; the arguments are copied now.
Result prepare(Driver& driver, const LaunchRequest& request, Launch& launch);

}
