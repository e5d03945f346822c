package org.alborz.cuda.ops;

import java.util.ArrayList;
import java.util.List;
import org.alborz.backend.Operand;
import org.alborz.type.DType;

/**
 * The step of an optimizer, which moves little but its operands: it converts parts of its gradient that are of 16 bits still ({@link CopyBatch}), and is kept back
 * until other work comes ({@link org.alborz.cuda.driver.Stream#delay}); if that is the copy of its values in 16 bits that layers compute with, it
 * writes that as well.
 */
final class DelayedStep {
    private static final int PER_BLOCK = 1024;

    private final LaunchContext context;
    private final GradientParts parts = new GradientParts();
    private final Runnable launch = this::launch;

    // Of the step that is kept back.
    private List<KeptOperand> operands;
    private Operand value;
    private DType narrow;
    private OverParts step;

    DelayedStep(LaunchContext context) {
        this.context = context;
    }

    /** Writes the arguments of a step's kernel over the parts of its gradient. */
    interface OverParts {
        /**
         * Writes them.
         *
         * @param type of the 16 bits
         * @param copy of the values, or null
         */
        void write(DType type, GradientParts parts, Operand copy);
    }

    /**
     * Takes a step.
     *
     * @param others that it reads or changes; null for those that it has not
     * @param plain writes the arguments of its kernel over one array of each
     * @param overParts those of the kernel for values of float32
     */
    void put(Operand values, Operand gradient, List<Operand> others, Runnable plain, OverParts overParts) {
        if (Operands.elements(values) == 0) {
            return;
        }
        List<KeptOperand> kept = new ArrayList<>();
        kept.add(KeptOperand.of(values));
        kept.add(KeptOperand.of(gradient));
        for (Operand other : others) {
            if (other != null) {
                kept.add(KeptOperand.of(other));
            }
        }
        DType from = context.copies().leaveTo(parts, gradient, kept);
        if (from == null) {
            plain.run();
        } else {
            overParts.write(from, parts, null);
        }
        operands = kept;
        value = values;
        narrow = from;
        step = overParts;
        context.stream().delay(launch);
        if (from != null) {
            context.copies().resume();
        }
    }

    private void launch() {
        if (narrow == null) {
            context.run(Operands.elements(value), PER_BLOCK);
        } else {
            context.run(parts.pieces(), 1);
        }
        forget();
    }

    private void forget() {
        operands = null;
        value = null;
        step = null;
    }

    /** Has the step that is kept back write a dense copy of its values; returns whether there is such a step. */
    boolean copies(Operand source, Operand target) {
        if (!context.stream().isDelayed(launch) || !isOfValues(source, target) || !isIntact(target)) {
            return false;
        }
        context.stream().dropDelayed();
        if (narrow == null) {
            parts.clear();
            parts.end(Operands.elements(value));
        }
        step.write(target.dtype(), parts, target);
        if (context.launcher().isObserved()) {
            context.launcher()
                    .traffic()
                    .notRead(Operands.elements(target) * target.dtype().bytes());
        }
        context.run(parts.pieces(), 1);
        forget();
        return true;
    }

    private boolean isOfValues(Operand source, Operand target) {
        long elements = Operands.elements(value);
        return CopyBatch.converts(target.dtype(), source.dtype())
                && value.dtype() == source.dtype()
                && Operands.address(value) == Operands.address(source)
                && elements == Operands.elements(source)
                && elements <= Integer.MAX_VALUE
                && (narrow == null || narrow == target.dtype());
    }

    /** Tells whether all that the step reads is there still, and apart from a copy that is written meanwhile. */
    private boolean isIntact(Operand target) {
        boolean intact = narrow == null || !parts.overlap(KeptOperand.of(target));
        for (int i = 0; i < operands.size(); i++) {
            intact &= operands.get(i).isIntact(target);
        }
        return intact;
    }
}
