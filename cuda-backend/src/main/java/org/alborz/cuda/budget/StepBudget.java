package org.alborz.cuda.budget;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alborz.cuda.CudaBackend;
import org.alborz.cuda.driver.StreamWork;
import org.alborz.cuda.driver.WorkKind;
import org.alborz.train.Callback;
import org.alborz.train.Trainer;

/**
 * What one training step puts on the GPU.
 *
 * @param works in their order: what is in the captured graph, then what the step does besides
 */
public record StepBudget(List<StreamWork> works) {
    /** How many steps are run to count the last. */
    static final int STEPS = 3;

    public StepBudget {
        works = List.copyOf(works);
    }

    /**
     * Work of one kind and name.
     *
     * @param count of the pieces of work
     * @param seconds as a roofline predicts them, together
     */
    public record Row(WorkKind kind, String name, int count, long bytes, double seconds) {
        private Row plus(StreamWork work, GpuRoofline roofline) {
            return new Row(kind, name, count + 1, bytes + work.bytes(), seconds + roofline.seconds(work));
        }
    }

    /**
     * Counts a step of a trainer that captures graphs, which captures its second step and replays it from then on. Three steps are run; on
     * software CUDA that is idle they take no time. Where nothing is captured, the third is counted as it is.
     */
    static final class Counter implements Callback {
        private final CudaBackend backend;
        private final List<StreamWork> works = new ArrayList<>();

        Counter(CudaBackend backend) {
            this.backend = backend;
        }

        @Override
        public void onBatchBegin(Trainer trainer) {
            boolean last = trainer.step() == STEPS - 1;
            backend.observe(work -> {
                if (last || work.captured()) {
                    works.add(work);
                }
            });
        }

        @Override
        public void onBatchEnd(Trainer trainer) {
            backend.synchronize();
            backend.observe(null);
        }

        StepBudget budget() {
            return new StepBudget(works);
        }
    }

    /** Returns the pieces of work, without launches of graphs. */
    public long operations() {
        return works.stream().filter(work -> work.kind() != WorkKind.GRAPH).count();
    }

    /** Returns the pieces of work of a kind. */
    public long operations(WorkKind kind) {
        return works.stream().filter(work -> work.kind() == kind).count();
    }

    /** Returns the bytes that all work moves together. */
    public long bytes() {
        return works.stream().mapToLong(StreamWork::bytes).sum();
    }

    /** Returns the bytes that the work of a kind moves. */
    public long bytes(WorkKind kind) {
        return works.stream()
                .filter(work -> work.kind() == kind)
                .mapToLong(StreamWork::bytes)
                .sum();
    }

    /** Returns the predicted seconds of the step: work goes one after the other. */
    public double seconds(GpuRoofline roofline) {
        return works.stream().mapToDouble(roofline::seconds).sum();
    }

    /** Returns the work by kind and name, each kind's longest first. */
    public List<Row> rows(GpuRoofline roofline) {
        Map<String, Row> rows = new LinkedHashMap<>();
        for (StreamWork work : works) {
            String key = work.kind() + " " + work.name();
            Row row = rows.getOrDefault(key, new Row(work.kind(), work.name(), 0, 0, 0));
            rows.put(key, row.plus(work, roofline));
        }
        return rows.values().stream()
                .sorted(Comparator.comparing(Row::kind)
                        .thenComparing(Comparator.comparingDouble(Row::seconds).reversed()))
                .toList();
    }
}
