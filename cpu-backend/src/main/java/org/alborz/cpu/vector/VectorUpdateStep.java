package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;

import org.alborz.backend.Operand;
import org.alborz.backend.UpdateStep;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.type.DType;

/**
 * An optimizer's step in one pass over all arrays: float32 by vectors, where what is left over at the end goes through a vector of its own,
 * so that every element is computed alike; other types in double.
 */
final class VectorUpdateStep implements UpdateStep {
    private final WorkerPool workers;
    private final UpdateArrays rest = new UpdateArrays(new float[L], 0, new float[L], 0, new float[L], 0)
            .withSecond(new float[L], 0)
            .withThird(new float[L], 0);

    VectorUpdateStep(WorkerPool workers) {
        this.workers = workers;
    }

    @Override
    public void step(Parameters p, Operand value, Operand gradient, Operand first, Operand second, Operand third) {
        if (value.dtype() != DType.FLOAT32) {
            DoubleUpdate update = new DoubleUpdate(p, value, gradient, first, second, third);
            Chunks.forEach(workers, value, (from, count, worker) -> update.run(from, count));
            return;
        }
        UpdateArrays arrays = UpdateArrays.of(value, gradient, first, second, third);
        Chunks.forEach(workers, value, (from, count, worker) -> {
            int whole = count - count % L;
            UpdateRows.step(p, arrays, from, whole);
            if (whole < count) { // the last task only
                arrays.copyTo(rest, from + whole, count - whole);
                UpdateRows.step(p, rest, 0, L);
                arrays.copyBack(rest, from + whole, count - whole);
            }
        });
    }

    /** The same in double, for the types that have no vectors here. */
    private static final class DoubleUpdate {
        private final Parameters p;
        private final CpuBuffer value;
        private final CpuBuffer gradient;
        private final CpuBuffer first;
        private final CpuBuffer second;
        private final CpuBuffer third;
        private final int[] at;

        DoubleUpdate(Parameters p, Operand value, Operand gradient, Operand first, Operand second, Operand third) {
            this.p = p;
            this.value = CpuBuffer.of(value);
            this.gradient = CpuBuffer.of(gradient);
            this.first = CpuBuffer.of(first);
            this.second = second == null ? null : CpuBuffer.of(second);
            this.third = third == null ? null : CpuBuffer.of(third);
            this.at = new int[] {
                Floats.at(value),
                Floats.at(gradient),
                Floats.at(first),
                second == null ? 0 : Floats.at(second),
                third == null ? 0 : Floats.at(third)
            };
        }

        void run(int from, int count) {
            for (int i = from; i < from + count; i++) {
                double theta = value.get(at[0] + i);
                double change = change(theta, gradient.get(at[1] + i), i);
                switch (p.rule()) {
                    case LAMB_DIRECTION, AVERAGE -> {} // the value stays
                    case LOOKAHEAD -> value.set(at[0] + i, first.get(at[2] + i));
                    default -> value.set(at[0] + i, theta * p.shrink() - change);
                }
            }
        }

        private double change(double theta, double slope, int i) {
            double g = slope + theta * p.decay();
            return switch (p.rule()) {
                case ADAGRAD -> p.rate() * g / (Math.sqrt(add(first, 2, i, 1, g * g)) + p.epsilon());
                case ADADELTA -> {
                    double square = average(first, 2, i, p.beta2(), g * g);
                    double d = Math.sqrt(second.get(at[3] + i) + p.epsilon()) / Math.sqrt(square + p.epsilon()) * g;
                    average(second, 3, i, p.beta2(), d * d);
                    yield p.rate() * d;
                }
                case RMSPROP -> p.rate() * g / (Math.sqrt(average(first, 2, i, p.beta2(), g * g)) + p.epsilon());
                case RMSPROP_MOMENTUM -> {
                    double root = Math.sqrt(average(first, 2, i, p.beta2(), g * g)) + p.epsilon();
                    yield p.rate() * add(second, 3, i, p.beta1(), g / root);
                }
                case CENTERED_RMSPROP -> p.rate() * g / deviation(g, i);
                case CENTERED_RMSPROP_MOMENTUM -> p.rate() * add(third, 4, i, p.beta1(), g / deviation(g, i));
                case ADAMAX -> {
                    double mean = average(first, 2, i, p.beta1(), g);
                    double most = Math.max(p.beta2() * second.get(at[3] + i), Math.abs(g) + p.epsilon());
                    second.set(at[3] + i, most);
                    yield p.rate() * mean / most;
                }
                case NADAM -> {
                    double mean = average(first, 2, i, p.beta1(), g);
                    double square = average(second, 3, i, p.beta2(), g * g);
                    yield (p.gradientRate() * g + p.rate() * mean) / root(square);
                }
                case RADAM -> {
                    double mean = average(first, 2, i, p.beta1(), g);
                    double square = average(second, 3, i, p.beta2(), g * g);
                    yield p.rate() * mean / (p.correction() == 0 ? 1 : Math.sqrt(square) + p.epsilon());
                }
                case AMSGRAD -> {
                    double mean = average(first, 2, i, p.beta1(), g);
                    double square = average(second, 3, i, p.beta2(), g * g);
                    double most = Math.max(third.get(at[4] + i), square);
                    third.set(at[4] + i, most);
                    yield p.rate() * mean / root(most);
                }
                case LION -> {
                    double mixed = p.beta1() * first.get(at[2] + i) + (1 - p.beta1()) * g;
                    average(first, 2, i, p.beta2(), g);
                    yield p.rate() * Math.signum(mixed);
                }
                case LAMB_DIRECTION -> {
                    double mean = average(first, 2, i, p.beta1(), slope);
                    double square = average(second, 3, i, p.beta2(), slope * slope);
                    third.set(at[4] + i, p.rate() * mean / root(square) + p.decay() * theta);
                    yield 0;
                }
                case AVERAGE -> {
                    double mean = p.correction() * first.get(at[2] + i) + p.rate() * theta;
                    first.set(at[2] + i, p.rate() == 1 ? theta : mean);
                    yield 0;
                }
                case LOOKAHEAD -> {
                    double slow = first.get(at[2] + i);
                    double next =
                            p.rate() == 0 ? slow : slow + p.rate() * (theta - slow); // where 0 · (θ − slow) may be NaN
                    first.set(at[2] + i, p.rate() == 1 ? theta : next);
                    yield 0;
                }
            };
        }

        private double root(double square) {
            return Math.sqrt(square * p.correction()) + p.epsilon();
        }

        private double deviation(double g, int i) {
            double square = average(first, 2, i, p.beta2(), g * g);
            double mean = average(second, 3, i, p.beta2(), g);
            return Math.sqrt(Math.max(square - mean * mean, 0)) + p.epsilon();
        }

        private double average(CpuBuffer state, int operand, int i, double share, double of) {
            return add(state, operand, i, share, (1 - share) * of);
        }

        private double add(CpuBuffer state, int operand, int i, double share, double what) {
            double next = share * state.get(at[operand] + i) + what;
            state.set(at[operand] + i, next);
            return next;
        }
    }
}
