package org.alborz.cuda.driver;

import jcuda.driver.CUfunction;

/** A function that runs on the device. */
public record Kernel(String name, CUfunction function) {}
