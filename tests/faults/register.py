"""Which tests show what must happen for each fault: number → file below `tests/` → names of tests.

`python -m pytest -m 'fault(number="5")'` runs those of one number, `-m fault` all; docs/faults.md tells them in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Tests = Mapping[str, Sequence[str]]

_WEB = "faults/test_crawler_meets_the_web.py"
_FETCH = "crawler/test_fetch.py"
_CRAWL = "crawler/test_crawl.py"
_ROUTES = "faults/test_every_route_survives.py"
_SMUGGLING = "faults/test_smuggling.py"
_INJECTION = "faults/test_injection.py"
_HEADERS = "faults/test_headers.py"
_DAMAGE = "faults/storage/test_damage.py"

REGISTER: Mapping[str, Tests] = {
    "1": {
        _FETCH: ("test_a_private_address_is_refused_before_a_byte_is_sent", "test_what_is_allowed_for_the_portal_is_not_allowed_for_others"),
        "crawler/test_addresses.py": (
            "test_private_addresses_need_the_operators_word", "test_some_addresses_are_never_a_portal", "test_odd_notations_are_judged_by_what_they_resolve_to",
        ),
        _WEB: ("test_nothing_inside_is_asked_for_by_link_picture_redirect_feed_or_form",),
    },
    "2": {_FETCH: ("test_the_checked_address_is_the_one_connected_to", "test_the_name_is_resolved_once_and_kept_in_the_host_field")},
    "3": {
        _CRAWL: ("test_redirects_are_followed_by_hand_and_told_when_they_lead_astray",),
        _WEB: ("test_a_redirect_to_what_is_no_web_address_ends_there",),
    },
    "4": {
        _FETCH: (
            "test_a_body_without_end_is_kept_up_to_the_limit_with_flat_memory", "test_a_drip_ends_at_the_total_time", "test_silence_ends_at_the_read_timeout",
            "test_a_chunk_size_without_end_is_bounded",
        ),
        _CRAWL: ("test_a_body_that_is_too_large_is_kept_in_part_and_counted",),
    },
    "5": {
        _FETCH: ("test_a_bomb_is_stopped_while_it_unfolds", "test_a_coded_body_must_have_its_end"),
        _WEB: ("test_bombs_at_every_place_of_a_crawl_leave_memory_flat",),
    },
    "6": {_FETCH: ("test_broken_answers_are_failures", "test_a_reset_is_a_failure")},
    "7": {
        _FETCH: ("test_cookies_are_kept_within_bounds", "test_broken_answers_are_failures"),
        _WEB: ("test_a_flood_of_header_fields_costs_one_page_and_no_more", "test_header_fields_hidden_in_a_redirect_are_sent_nowhere"),
    },
    "8": {
        _CRAWL: ("test_retry_after_is_waited_for", "test_a_host_that_refuses_again_and_again_is_left_alone_until_the_next_run"),
        "crawler/test_politeness.py": ("test_retry_after", "test_a_refusal_is_obeyed_within_a_bound_and_then_slower", "test_a_host_is_given_up_after_failures_in_a_row"),
    },
    "9": {"crawler/test_tls.py": ("test_the_refusal_names_the_reason_and_the_setting", "test_an_incomplete_chain_is_mended_by_a_ca_file")},
    "9a": {
        "crawler/test_tls.py": (
            "test_old_tls_is_refused_with_the_setting_that_allows_it_and_then_spoken", "test_a_portal_with_old_tls_is_checked_for_its_certificate_all_the_same",
            "test_what_was_spoken_is_said_in_the_results",
        ),
        "test_portal_fates.py": ("test_each_fate_is_told_as_what_it_is",),
    },
    "10": {
        "crawler/test_politeness.py": ("test_rules", "test_statuses", "test_five_megabytes_of_robots_are_read_in_part", "test_an_override_is_recorded_as_that"),
        _CRAWL: ("test_robots_are_obeyed_and_the_operators_override_is_kept", "test_a_robots_txt_that_cannot_be_read_forbids_all_for_this_run"),
        _WEB: ("test_bombs_at_every_place_of_a_crawl_leave_memory_flat",),
    },
    "11": {_CRAWL: ("test_kinds_of_page_that_are_no_article",), "test_portal_fates.py": ("test_each_fate_is_told_as_what_it_is",)},
    "12": {
        _CRAWL: ("test_traps_end", "test_limits_of_the_entry", "test_more_links_than_are_followed_are_counted"),
        "crawler/test_discover.py": ("test_paths_that_go_in_circles", "test_a_calendar_has_one_shape", "test_hostile_pages_take_bounded_time"),
    },
    "13": {
        "extract/test_hostile.py": ("test_hostile_pages_end_within_the_limit", "test_mangled_pages_raise_nothing"),
        "fuzz/test_fuzz.py": ("test_nothing_breaks_it",),
    },
    "14": {
        "extract/test_hostile.py": ("test_hostile_pages_end_within_the_limit", "test_time_grows_in_proportion_to_the_page"),
        "crawler/test_discover.py": ("test_hostile_pages_take_bounded_time", "test_base_and_bad_spelling"),
    },
    "15": {
        _CRAWL: ("test_two_crawls_of_a_site_at_once", "test_a_clock_that_jumps_delays_nothing_for_ever"),
        "watch/test_scheduler.py": ("test_a_clock_that_jumps_stops_no_schedule",),
        "faults/storage/test_clock.py": ("test_a_command_survives", "test_the_order_of_files_and_runs_is_that_of_their_making", "test_a_schedule_survives"),
    },
    "16": {
        "test_ingest.py": ("test_the_same_article_under_other_addresses_is_one", "test_another_article_at_an_old_address_is_a_new_one_and_the_old_is_kept"),
    },
    "17": {
        _INJECTION: ("test_whatever_goes_out_is_what_it_says_and_has_no_markup_of_others",),
        "web/test_safety.py": ("test_markup_from_outside_is_text", "test_the_evil_title_stands_as_it_is", "test_links_in_a_text_are_web_addresses_only"),
    },
    "18": {"memento/test_replay.py": ("test_what_is_too_large_to_be_shown_is_told_and_costs_no_memory", "test_a_hostile_page_does_nothing_in_a_real_browser", "test_the_hostile_page_would_act_if_it_could", "test_nothing_that_acts_is_left_in_the_markup")},
    "19": {
        _SMUGGLING: (
            "test_nobody_gets_an_answer_to_what_another_hid_in_a_body", "test_what_contradicts_itself_is_refused", "test_an_unknown_host_is_refused",
            "test_a_second_host_and_an_absolute_target", "test_no_header_field_says_where_the_archive_is",
        ),
        _HEADERS: ("test_no_header_changes_a_page_unless_caches_are_told",),
    },
    "20": {_INJECTION: ("test_no_redirect_leads_away",), "memento/test_replay.py": ("test_nothing_leads_out_by_itself", "test_a_link_that_the_archive_lacks_says_that_it_leads_out")},
    "21": {
        _ROUTES: ("test_no_path_in_an_address_leads_out",),
        "warc/test_write.py": ("test_a_reference_never_leads_out_of_the_folder",),
        "admin/test_backup.py": ("test_a_manifest_that_leads_out_is_refused",),
        "fuzz/test_fuzz.py": ("test_nothing_breaks_it",),
    },
    "22": {_INJECTION: ("test_whatever_goes_out_is_what_it_says_and_has_no_markup_of_others",), "research/test_exports.py": ("test_a_spreadsheet_reads_accents_and_runs_no_formula",)},
    "23": {
        _ROUTES: ("test_an_answer_within_bounds_on_every_route", "test_every_value_on_every_route"),
        "web/test_safety.py": ("test_a_question_of_death_is_answered",),
        _SMUGGLING: ("test_what_is_too_long_is_refused_and_the_next_is_served",),
    },
    "24": {
        _FETCH: ("test_a_drip_ends_at_the_total_time",),
        _SMUGGLING: ("test_what_is_too_long_is_refused_and_the_next_is_served",),
        "web/test_limits.py": (
            "test_who_asks_too_often_is_told_to_wait_and_nobody_else_notices", "test_a_flood_from_one_address_reaches_nobody_else",
            "test_slow_writers_keep_nobody_out", "test_slow_readers_keep_nobody_out", "test_more_silent_connections_than_are_kept_keep_nobody_out",
            "test_a_crowd_of_searches_is_answered_or_sent_away_at_once",
        ),
        "faults/test_slow_clients.py": (
            "test_the_documented_configuration_is_one", "test_who_writes_slowly_keeps_nobody_out", "test_who_reads_slowly_keeps_nobody_out",
            "test_one_address_with_too_many_requests_at_once_is_told_and_no_other",
        ),
    },
    "25": {
        "admin/test_pages.py": (
            "test_nothing_is_answered_without_a_login", "test_nothing_is_changed_without_a_token_or_by_get", "test_a_token_of_another_session_is_worth_nothing",
            "test_after_some_failures_even_the_right_password_must_wait", "test_a_session_begins_anew_and_ends_for_every_copy_of_its_cookie",
            "test_another_password_ends_the_sessions_with_the_old_one", "test_the_cookie_is_guarded", "test_a_login_leads_nowhere_else",
        ),
    },
    "26": {
        _HEADERS: (
            "test_every_answer_carries_the_headers", "test_only_files_named_by_their_content_may_be_kept_without_asking",
            "test_no_header_changes_a_page_unless_caches_are_told", "test_an_admin_sees_public_pages_as_everybody_does",
        ),
    },
    "27": {_INJECTION: ("test_no_entity_of_a_document_is_resolved",), "crawler/test_discover.py": ("test_entities_are_never_resolved",)},
    "28": {
        "faults/test_withheld_everywhere.py": ("test_no_route_tells_of_what_was_taken_down",),
        "admin/test_takedown.py": ("test_an_article_is_gone_from_every_path", "test_no_export_has_it", "test_what_a_reader_or_cache_holds_is_not_confirmed"),
        "memento/test_withheld.py": ("test_a_withheld_article_is_gone_on_every_way",),
    },
    "29": {"admin/test_pages.py": ("test_without_a_key_there_are_no_admin_pages", "test_passwords_are_hashed_and_never_arguments"), "faults/test_secrets.py": ("test_no_secret_has_a_default",)},
    "30": {
        "faults/storage/test_kill.py": ("test_killed_it_is_mended_by_starting_again", "test_five_hundred_kills"),
        "crawler/test_kill.py": ("test_ten_kills",),
        "watch/test_scheduler_kill.py": ("test_fifty_kills",),
        "admin/test_destroy.py": (
            "test_a_scheduler_does_to_the_end_what_a_killed_destruction_left", "test_a_takedown_that_only_the_journal_has_is_in_force_when_a_scheduler_begins",
        ),
        "search/whoosh/test_writer.py": ("test_killed_commits_leave_the_last_good_index", "test_fifty_killed_commits"),
    },
    "31": {"faults/storage/test_power.py": ("test_what_was_acknowledged_outlasts_a_power_cut", "test_many_power_cuts")},
    "32": {
        "faults/storage/test_full_disk.py": (
            "test_a_full_disk_ends_a_command_in_order", "test_a_disk_that_fails_at_any_operation", "test_a_disk_that_cannot_be_written_is_told_and_read",
            "test_a_real_small_disk", "test_the_scheduler_outlives_a_full_disk", "test_a_slow_disk_is_waited_for",
        ),
    },
    "33": {
        _DAMAGE: (
            "test_a_damaged_capture_file_comes_back_from_a_backup", "test_what_was_captured_after_the_backup_stays", "test_a_backup_without_the_record_says_so",
            "test_half_a_record_is_set_aside_by_the_next_crawl",
        ),
    },
    "34": {
        _DAMAGE: (
            "test_a_damaged_database_is_made_anew", "test_wrong_rows_are_found_and_made_anew", "test_a_locked_database_is_waited_for_and_told",
            "test_a_newer_schema_is_refused_and_left_alone",
        ),
        "faults/storage/test_kill.py": ("test_killed_it_is_mended_by_starting_again",),
    },
    "35": {
        _DAMAGE: ("test_without_a_usable_index_articles_are_read_and_the_command_is_named", "test_a_flipped_byte_of_the_index_is_found_and_made_anew"),
        "search/whoosh/test_damage.py": ("test_no_flipped_bit_makes_a_wrong_answer", "test_damage_does_not_go_on_into_a_merged_segment"),
    },
    "36": {
        "preserve/test_import.py": (
            "test_a_cut_file_is_taken_in_as_far_as_it_is_whole", "test_a_record_that_contradicts_itself_is_left_out_with_the_reason", "test_bombs_are_not_unpacked",
            "test_a_package_that_unpacks_without_end_is_not_read", "test_a_wacz_whose_hash_does_not_hold_is_refused",
        ),
    },
    "37": {"faults/storage/test_twice.py": ("test_two_at_once",)},
    "38": {"faults/storage/test_elsewhere.py": ("test_a_backup_works_at_another_path_when_the_first_place_is_gone", "test_an_interrupted_move_is_gone_on_with")},
    "39": {
        "search/opensearch/test_faults.py": (
            "test_down_at_start_the_site_serves_articles_and_says_that_search_is_away", "test_a_command_says_what_is_down_and_ends_with_an_error",
            "test_slow_is_given_up_in_time_and_not_asked_again_at_once", "test_full_says_so_searches_go_on_and_so_does_indexing_once_there_is_room",
            "test_overloaded_is_asked_again_and_given_up_with_the_reason", "test_a_network_cut_in_the_middle_of_a_bulk_loses_and_doubles_nothing",
            "test_another_analysis_is_refused_with_the_command_that_mends_it",
        ),
        "search/opensearch/test_cluster.py": (
            "test_a_killed_node_loses_nothing_acknowledged_and_searches_go_on", "test_without_its_leader_a_pair_answers_searches_and_refuses_writes_until_it_is_back",
        ),
        "store/test_postgresql.py": (
            "test_a_read_only_standby_is_read_and_not_written", "test_a_connection_that_the_server_ended_loses_only_what_was_not_committed",
            "test_too_many_connections_are_told", "test_a_question_cancelled_on_the_server_is_told",
        ),
        "warc/test_bucket.py": ("test_each_trouble_names_what_mends_it", "test_an_upload_outlives_a_bad_moment"),
    },
    "40": {"faults/storage/test_hours.py": ("test_nothing_grows",)},
}  # fmt: skip
"""A number with a letter stands after the one without."""


def numbers(file: str, name: str) -> list[str]:
    """The faults that a test shows something of.

    :param file: the test's file below `tests/`.
    :param name: the function, without parameters.
    """
    return [number for number, tests in REGISTER.items() if name in tests.get(file, ())]
