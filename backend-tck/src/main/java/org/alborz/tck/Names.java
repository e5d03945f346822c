package org.alborz.tck;

import org.alborz.type.DType;

/** How tests are called. */
final class Names {
    private Names() {}

    static String of(OpEntry entry, Sample sample, DType dtype) {
        return entry.name() + " / " + sample.name() + " / " + dtype;
    }
}
