package org.alborz.data;

/** What the values of a {@link CsvColumn} are. */
public enum CsvType {
    /** Whole numbers of at most 2⁵³. */
    INTEGER,
    /** Finite numbers. */
    FLOAT,
    /** Words out of a few, such as the names of classes. */
    CATEGORY
}
