package org.alborz.checkpoint;

/** How a file's tensors have to fit a model's when weights are loaded. */
public enum Match {
    /** The file has every tensor of the model and no other. */
    STRICT,

    /** What both have under one name is loaded and the rest left as it is; a shape must be the same all the same. */
    PARTIAL
}
