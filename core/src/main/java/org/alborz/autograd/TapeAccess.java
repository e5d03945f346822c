package org.alborz.autograd;

/** The right to change where a tensor is recorded and who owns it. Only tapes have it. */
public final class TapeAccess {
    static final TapeAccess GRANTED = new TapeAccess();

    private TapeAccess() {}
}
