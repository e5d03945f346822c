/** Events for the JDK's Flight Recorder. */
package org.alborz.events;
