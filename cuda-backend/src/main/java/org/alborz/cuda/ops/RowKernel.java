package org.alborz.cuda.ops;

import org.alborz.cuda.driver.Launcher;
import org.alborz.type.DType;

/** A kernel that works on whole rows, in its two forms: a warp a row for short ones, a block a row for long ones. */
final class RowKernel {
    /** Rows up to this long are a warp's work, longer ones a block's. */
    private static final int WARP_WIDTH = 1024;

    /** Warps of a block. */
    static final int WARPS = 8;

    private final LaunchContext context;
    private final TypedKernel warp;
    private final TypedKernel block;

    RowKernel(LaunchContext context, String name) {
        this.context = context;
        this.warp = context.kernel(name + "_warp");
        this.block = context.kernel(name + "_block");
    }

    Launcher begin(DType dtype, long width) {
        return context.launch((isNarrow(width) ? warp : block).of(dtype));
    }

    void run(long rows, long width) {
        context.run(rows, isNarrow(width) ? WARPS : 1);
    }

    private static boolean isNarrow(long width) {
        return width <= WARP_WIDTH;
    }
}
