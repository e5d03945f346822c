package org.alborz.inspect;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.alborz.ops.Applied;
import org.alborz.ops.Observation;
import org.alborz.ops.Op;
import org.alborz.ops.OperationListener;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Csv;
import org.alborz.text.Given;
import org.alborz.text.TextTable;

/**
 * Where the time of a session goes, by layer and by operation: time, calls, multiply-adds and bytes of everything that is applied between
 * {@link #start} and {@link #close}.
 *
 * <pre>{@code
 * try (Profile profile = Profile.start(session)) {
 *     trainer.step(batch);
 *     profile.close();
 *     System.out.println(profile.table(Roofline.measure(session)));
 * }
 * }</pre>
 *
 * <p>On a device that queues work it waits after each operation, so that times are those of the operation; the whole takes longer then.
 * Where a step is captured and replayed as one graph, only its first runs have operations. What is done with the operation before it, such
 * as the addition and the rectifier after a normalisation, counts for that one's layer.
 */
public final class Profile implements OperationListener, AutoCloseable {
    private static final String OUTSIDE = "(outside of layers)";

    private final Session session;
    private final Observation observation;
    private final Map<Key, ProfileRow> rows = new LinkedHashMap<>();
    private final long start = System.nanoTime();
    private long end;

    private record Key(String layer, String operation, boolean backward) {}

    private Profile(Session session) {
        this.session = session;
        session.backend().synchronize();
        this.observation = session.observe(this);
    }

    /** Begins to measure what is applied in a session. */
    public static Profile start(Session session) {
        return new Profile(Given.value(session, "A profile", "a session"));
    }

    @Override
    public void applying(Op op, List<Tensor> inputs) {
        session.backend().synchronize();
    }

    @Override
    public void applied(Applied operation) {
        long applied = System.nanoTime();
        session.backend().synchronize();
        long nanos = operation.nanos() + System.nanoTime() - applied;
        String name = operation.op().name();
        Key key = new Key(operation.layer(), name, operation.backward());
        ProfileRow row = new ProfileRow(
                key.layer(), name, key.backward(), 1, nanos, operation.multiplyAdds(), operation.bytes());
        rows.merge(key, row, ProfileRow::plus);
    }

    /** Ends the measuring; what was measured stays. Closing twice does nothing. */
    @Override
    public void close() {
        if (end == 0) {
            observation.close();
            end = System.nanoTime();
        }
    }

    /** Returns what was measured, by layer, operation and direction, in the order of the first calls. */
    public List<ProfileRow> rows() {
        return List.copyOf(rows.values());
    }

    /** Returns the rows added up by layer and direction, the longest time first. */
    public List<ProfileRow> byLayer() {
        return sum(row -> new ProfileRow(row.layer(), null, row.backward(), 0, 0, 0, 0));
    }

    /** Returns the rows added up by operation, forward and backward, the longest time first. */
    public List<ProfileRow> byOperation() {
        return sum(row -> new ProfileRow(null, row.operation(), false, 0, 0, 0, 0));
    }

    private List<ProfileRow> sum(UnaryOperator<ProfileRow> group) {
        Map<ProfileRow, ProfileRow> sums = new LinkedHashMap<>();
        for (ProfileRow row : rows.values()) {
            ProfileRow of = group.apply(row);
            sums.merge(of, of.plus(row), ProfileRow::plus);
        }
        List<ProfileRow> sorted = new ArrayList<>(sums.values());
        sorted.sort(Comparator.comparingLong(ProfileRow::nanos).reversed());
        return sorted;
    }

    /** Returns the seconds from start to close, or to now. */
    public double seconds() {
        return ((end == 0 ? System.nanoTime() : end) - start) * 1e-9;
    }

    /** Returns the seconds of all operations; what is left of {@link #seconds} is data, copies and Java code between them. */
    public double operationSeconds() {
        return rows.values().stream().mapToDouble(ProfileRow::seconds).sum();
    }

    /**
     * Returns two tables, by layer and by operation, to print.
     *
     * @param roofline what times are compared with, in the last column; null for none
     */
    public String table(Roofline roofline) {
        StringBuilder text = new StringBuilder();
        text.append(table("layer", byLayer(), roofline))
                .append('\n')
                .append(table("operation", byOperation(), roofline))
                .append('\n')
                .append(String.format(
                        Locale.ROOT,
                        "%.1f ms in all, %.1f ms in operations%n",
                        1e3 * seconds(),
                        1e3 * operationSeconds()));
        if (roofline != null) {
            text.append("Machine: ")
                    .append(roofline)
                    .append("; roofline is the least time for the arithmetic and the bytes, of the time taken\n");
        }
        return text.toString();
    }

    private String table(String what, List<ProfileRow> sums, Roofline roofline) {
        TextTable table = new TextTable(
                what, "", ">calls", ">ms", ">share", ">G multiply-adds", ">MB", ">G/s", ">GB/s", ">roofline");
        double all = operationSeconds();
        for (ProfileRow row : sums) {
            double seconds = Math.max(row.seconds(), 1e-12);
            table.row(
                    name(row),
                    row.backward() ? "backward" : "",
                    Long.toString(row.calls()),
                    number("%.2f", 1e3 * row.seconds()),
                    number("%.1f %%", 100 * row.seconds() / all),
                    row.multiplyAdds() == 0 ? "-" : number("%.3f", 1e-9 * row.multiplyAdds()),
                    number("%.1f", 1e-6 * row.bytes()),
                    row.multiplyAdds() == 0 ? "-" : number("%.1f", 1e-9 * row.multiplyAdds() / seconds),
                    number("%.1f", 1e-9 * row.bytes() / seconds),
                    roofline == null ? "-" : number("%.0f %%", 100 * row.efficiency(roofline)));
        }
        return table.toString();
    }

    private static String name(ProfileRow row) {
        if (row.operation() != null) {
            return row.operation();
        }
        String layer = Objects.requireNonNullElse(row.layer(), OUTSIDE);
        return layer.isEmpty() ? "(net)" : layer;
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }

    /** Returns {@link #rows} as CSV with a header: layer, operation, direction, calls, nanoseconds, multiply-adds and bytes. */
    public String csv() {
        StringBuilder text = new StringBuilder("layer,operation,direction,calls,nanos,multiply_adds,bytes\n");
        for (ProfileRow row : rows.values()) {
            text.append(Csv.field(Objects.requireNonNullElse(row.layer(), OUTSIDE), ","))
                    .append(',')
                    .append(Csv.field(row.operation(), ","))
                    .append(row.backward() ? ",backward," : ",forward,")
                    .append(row.calls())
                    .append(',')
                    .append(row.nanos())
                    .append(',')
                    .append(row.multiplyAdds())
                    .append(',')
                    .append(row.bytes())
                    .append('\n');
        }
        return text.toString();
    }
}
