package org.alborz.type;

/** What is outside of an image that is sampled. */
public enum GridPadding {
    /** Zeros. */
    ZEROS,
    /** The nearest pixel of the border. */
    BORDER
}
