"""Events as a calendar, a list, a line of time and a feed for calendars; people in their offices."""
