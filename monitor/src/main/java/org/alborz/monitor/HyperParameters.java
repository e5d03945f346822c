package org.alborz.monitor;

import java.util.List;
import java.util.Map;

/**
 * The records of TensorBoard's plugin hparams, which it finds by their tags.
 *
 * <p>Source: tensorboard/plugins/hparams/api.proto and plugin_data.proto.
 */
record HyperParameters(Map<String, ?> values, List<Metric> metrics) {
    private static final int STRING = 1;
    private static final int BOOL = 2;
    private static final int FLOAT64 = 3;
    private static final int SUCCESS = 1;
    private static final int FAILURE = 2;

    /** The numbers of google.protobuf.Value's fields. */
    private static final int VALUE_NUMBER = 2;

    private static final int VALUE_STRING = 3;
    private static final int VALUE_BOOL = 4;

    /**
     * A scalar that runs are compared by.
     *
     * @param folder below that of the run, or empty
     */
    record Metric(String folder, String tag) {}

    /** Declares names, types and metrics. */
    ProtoMessage experiment(double seconds) {
        ProtoMessage experiment = new ProtoMessage().float64(3, seconds);
        values.forEach((name, value) ->
                experiment.message(4, new ProtoMessage().text(1, name).integer(4, type(value))));
        for (Metric metric : metrics) {
            ProtoMessage name = new ProtoMessage().text(1, metric.folder()).text(2, metric.tag());
            experiment.message(5, new ProtoMessage().message(1, name));
        }
        return record("_hparams_/experiment", 2, experiment);
    }

    /** Says the values of this run. */
    ProtoMessage start(double seconds) {
        ProtoMessage start = new ProtoMessage();
        values.forEach((name, value) ->
                start.message(1, new ProtoMessage().text(1, name).message(2, value(value))));
        return record("_hparams_/session_start_info", 3, start.float64(5, seconds));
    }

    static ProtoMessage end(boolean success, double seconds) {
        return record(
                "_hparams_/session_end_info",
                4,
                new ProtoMessage().integer(1, success ? SUCCESS : FAILURE).float64(2, seconds));
    }

    private static int type(Object value) {
        return value instanceof Number ? FLOAT64 : value instanceof Boolean ? BOOL : STRING;
    }

    private static ProtoMessage value(Object value) {
        if (value instanceof Number number) {
            return new ProtoMessage().float64(VALUE_NUMBER, number.doubleValue());
        }
        return value instanceof Boolean truth
                ? new ProtoMessage().integer(VALUE_BOOL, truth ? 1 : 0)
                : new ProtoMessage().text(VALUE_STRING, String.valueOf(value));
    }

    /** Returns a value of a summary whose metadata is the record, beside an empty tensor of float32. */
    private static ProtoMessage record(String tag, int field, ProtoMessage content) {
        ProtoMessage data = new ProtoMessage().integer(1, 0).message(field, content);
        ProtoMessage noNumbers = new ProtoMessage()
                .integer(1, 1)
                .message(2, new ProtoMessage().message(2, new ProtoMessage().integer(1, 0)));
        return new ProtoMessage()
                .text(1, tag)
                .message(
                        9,
                        new ProtoMessage()
                                .message(
                                        1, new ProtoMessage().text(1, "hparams").message(2, data)))
                .message(8, noNumbers);
    }
}
