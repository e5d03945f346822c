package org.alborz.backend;

import org.alborz.type.DType;

/** Memory of one backend, holding elements of one type. */
public interface Buffer {
    DType dtype();

    /** Returns how many elements were asked for; the memory behind may be larger. */
    long elements();
}
