package org.alborz.cuda.natives;

import java.util.List;

/**
 * Something that keeps CUDA from running here.
 *
 * @param key names the kind, for programs: it does not change between versions
 * @param reason what is wrong, as a sentence
 * @param remedy what to do, as a sentence
 * @param commands that do it; any one of them is enough
 */
public record Problem(String key, String reason, String remedy, List<String> commands) {
    static Problem of(String key, String reason, String remedy, String... commands) {
        return new Problem(key, reason, remedy, List.of(commands));
    }

    /** Returns the remedy with the commands in it. */
    public String remedyWithCommands() {
        return commands.isEmpty() ? remedy : remedy + " Run: " + String.join(" or: ", commands);
    }
}
