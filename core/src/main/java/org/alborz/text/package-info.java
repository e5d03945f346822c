/** How text and objects from outside are shown in messages. */
package org.alborz.text;
