package org.alborz.cuda.ops;

import org.alborz.cuda.driver.Kernel;
import org.alborz.cuda.driver.Modules;
import org.alborz.type.DType;

/** A kernel that works on whole rows, in its two forms: a warp a row for short ones, a block a row for long ones. */
final class RowKernel {
    /** Rows up to this long are a warp's work, longer ones a block's. */
    private static final int WARP_WIDTH = 1024;

    /** Warps of a block. */
    static final int WARPS = 8;

    private final TypedKernel warp;
    private final TypedKernel block;

    RowKernel(Modules modules, String name) {
        this.warp = new TypedKernel(modules, name + "_warp");
        this.block = new TypedKernel(modules, name + "_block");
    }

    Kernel of(DType dtype, long width) {
        return (isNarrow(width) ? warp : block).of(dtype);
    }

    /** Returns how many rows a block does at a time. */
    static int rowsPerBlock(long width) {
        return isNarrow(width) ? WARPS : 1;
    }

    private static boolean isNarrow(long width) {
        return width <= WARP_WIDTH;
    }
}
