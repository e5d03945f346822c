package org.alborz.ops;

/** The right to make a view that no tape records. Only operations have it: they record themselves, so no gradient is lost. */
public final class ViewAccess {
    static final ViewAccess GRANTED = new ViewAccess();

    private ViewAccess() {}
}
